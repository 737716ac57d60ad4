"""Who sends the events of the example business; the same customers as in `seeds/customers.csv`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sender:
    """One sender of events: `share` per cent of all events, busiest at noon of its own zone."""

    sent_as: str
    share: int
    utc_offset_minutes: int
    regions: tuple[str, ...]
    models: tuple[str, ...]
    users: int


US, EU, AP = "us-east", "eu-west", "ap-south"
GPT_4O, GPT_4O_MINI, GPT_5 = "gpt-4o", "gpt-4o-mini", "gpt-5"
SONNET, HAIKU, FLASH = "claude-sonnet-4-5", "claude-haiku-4-5", "gemini/gemini-2.5-flash"

SENDERS = (
    Sender("brightpage", 20, -300, (US, US, EU), (GPT_4O, GPT_5, SONNET), 120),
    # An alias: usage that an older integration still sends under its account number.
    Sender("acct_0042", 1, -300, (US,), (GPT_4O,), 10),
    Sender("cobaltworks", 14, -480, (US,), (SONNET, HAIKU), 80),
    Sender("dunelab", 12, 60, (EU,), (GPT_4O, GPT_4O_MINI), 60),
    Sender("everline", 10, 330, (AP, AP, US), (GPT_5, FLASH), 200),
    Sender("fernmark", 9, 540, (AP, US), (GPT_4O, FLASH), 25),
    Sender("gullwing", 8, -300, (US,), (GPT_4O_MINI, FLASH), 400),
    Sender("harborly", 8, 0, (EU,), (SONNET, GPT_4O), 40),
    Sender("inkwell", 7, 0, (US, EU), (HAIKU, GPT_4O_MINI), 30),
    Sender("junction", 6, 60, (EU,), (GPT_5, SONNET), 20),
    Sender("kestrel", 4, 0, (EU, US), (SONNET, GPT_5), 8),
    # Has no contract yet: its events are accepted and reported as unbilled.
    Sender("lumen", 1, 0, (US,), (GPT_4O_MINI,), 3),
)
