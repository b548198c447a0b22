"""An oracle for verdicts that shares no code with selgrad: exact power series, exact cells, random programs."""
