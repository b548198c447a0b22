"""What readers answer: for each exercise right answers in several forms, and wrong ones with what they are told.

RIGHT: number -> answers that pass. WRONG: number -> (answer, phrase of the feedback, credit).
"""

from types import MappingProxyType

from typical_answers import chapter_01, chapter_02, chapter_03, chapter_04, chapter_05, chapter_06, chapter_07

CHAPTERS = (chapter_01, chapter_02, chapter_03, chapter_04, chapter_05, chapter_06, chapter_07)
RIGHT = MappingProxyType({name: answers for chapter in CHAPTERS for name, answers in chapter.RIGHT.items()})
WRONG = MappingProxyType({name: answers for chapter in CHAPTERS for name, answers in chapter.WRONG.items()})
