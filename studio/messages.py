"""What the parts of the studio tell each other."""

from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump


class Settled(Message):
    """Follows a key, by ``number``, from the widget that heard it to the app."""

    def __init__(self, number: int, sent_by: MessagePump, rounds: int) -> None:
        super().__init__()
        self.number, self.sent_by, self.rounds = number, sent_by, rounds


class Opened(Message):
    """A window stands, and hears keys."""


class Highlighted(Message):
    """The cursor of a list moved. Only the newest matters."""

    def __init__(self, rows: Any, item: Any) -> None:
        super().__init__()
        self.rows, self.item = rows, item

    @property
    def control(self) -> Any:
        return self.rows

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Highlighted) and message.rows is self.rows


class Chosen(Message):
    """Enter on an item of a list."""

    def __init__(self, rows: Any, item: Any) -> None:
        super().__init__()
        self.rows, self.item = rows, item

    @property
    def control(self) -> Any:
        return self.rows


class Moved(Message):
    """A slider moved. Only the newest matters."""

    def __init__(self, name: str, value: float | None) -> None:
        super().__init__()
        self.name, self.value = name, value

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Moved)


class Edited(Message):
    """A field of a form has another value."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__()
        self.name, self.value = name, value


class Stepped(Message):
    """Enter in a field of a form: on to the next, or start."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
