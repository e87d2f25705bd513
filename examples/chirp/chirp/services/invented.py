"""What invented people are called and what they say."""

from __future__ import annotations

import random

_NAMES = (
    "ada", "ben", "chidi", "dana", "elif", "farid", "grace", "hana", "ivo", "jana", "kofi",
    "lena", "mika", "noor", "olga", "pablo", "quinn", "rosa", "sami", "tariq", "uma", "vera", "wen",
    "ximena", "yuki", "zoe",
)  # fmt: skip
_OPENINGS = (
    "Just saw", "Today I learned about", "Does anybody else like", "Still thinking of",
    "Nobody warned me about", "A short note on", "I could talk all day about", "Finally understood",
    "Unpopular opinion on", "Good morning to everyone but",
)  # fmt: skip
_SUBJECTS = (
    "the swifts over the market square", "sourdough at altitude", "the 7:42 to the coast",
    "a bridge without a river", "old maps of the harbour", "the library's new reading room",
    "bicycles with three wheels", "the smell of rain", "tea that is older than I am",
    "an owl in the car park", "tomatoes on a balcony", "the last tram of the night",
    "a choir in the stairwell", "two foxes and a football", "the lighthouse keeper's radio",
)  # fmt: skip
_ENDINGS = (
    ".", "!", "…", " 🐦", " 🌦️", " ☕", ". More tomorrow.", ". What do you think?",
    ". Photos: https://example.org/album", ". See https://example.com/notes?page=2.", " 🎉🎉",
    ". Ask @{name}.", ", says @{name}.",
)  # fmt: skip
_ELSEWHERE = (
    "Καλημέρα σε όλους!", "今日はいい天気ですね。", "مساء الخير جميعًا", "Доброе утро, друзья",
    "שבת שלום", "좋은 아침입니다 ☀️", "नमस्ते दुनिया", "¿Alguien para un café?", "Grüße aus Köln!",
    "สวัสดีตอนเช้า",
)  # fmt: skip
_BIOGRAPHIES = (
    "Birds, bread and bicycles.", "Here for the weather.", "I read the small print.",
    "Plays the cello, badly.", "Maps, mostly.", "",
)  # fmt: skip


def name_of(number: int) -> str:
    """The name of the person with a number: another for every number."""
    return f"{_NAMES[number % len(_NAMES)]}_{number}"


def biography(number: int) -> str:
    return _BIOGRAPHIES[number % len(_BIOGRAPHIES)]


def text(chance: random.Random, numbers: range) -> str:
    """Something to say; who is named is one of the people with these numbers."""
    draw = chance.random
    if draw() < 0.05:
        return _ELSEWHERE[int(len(_ELSEWHERE) * draw())]
    ending = _ENDINGS[int(len(_ENDINGS) * draw())]
    if "{" in ending:
        ending = ending.replace("{name}", name_of(numbers[int(len(numbers) * draw())]))
    opening = _OPENINGS[int(len(_OPENINGS) * draw())]
    return f"{opening} {_SUBJECTS[int(len(_SUBJECTS) * draw())]}{ending}"
