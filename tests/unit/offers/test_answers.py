"""Kept answers are bounded, and go when they are no longer right."""

from services.offers.views.answers import Answers


def answer(answers: Answers, key: str, content: bytes = b"0123456789") -> bool:
    """Ask for an answer; whether it had to be made."""
    made: list[str] = []

    def make() -> bytes:
        made.append(key)
        return content

    assert answers.get(key, make).content == content
    return bool(made)


def test_an_answer_is_made_once() -> None:
    answers = Answers()
    assert [answer(answers, "a"), answer(answers, "a"), answer(answers, "b")] == [True, False, True]


def test_the_same_bytes_have_the_same_tag_and_others_another() -> None:
    answers = Answers()
    one, same, other = answers.get(1, lambda: b"a"), answers.get(2, lambda: b"a"), answers.get(3, lambda: b"b")
    assert one.tag == same.tag != other.tag


def test_the_bytes_kept_have_a_bound_and_the_oldest_go_first() -> None:
    answers = Answers(max_bytes=30)
    for key in "abc":
        answer(answers, key)
    assert (len(answers), answers.size) == (3, 30)
    answer(answers, "a")
    answer(answers, "d")
    assert answers.size == 30
    assert [answer(answers, key) for key in "ad"] == [False, False]
    assert answer(answers, "b")


def test_the_number_kept_has_a_bound() -> None:
    answers = Answers(max_answers=2)
    for key in "abc":
        answer(answers, key, b"")
    assert len(answers) == 2


def test_an_answer_larger_than_all_room_is_given_and_not_kept() -> None:
    answers = Answers(max_bytes=9)
    assert [answer(answers, "a"), answer(answers, "a"), len(answers), answers.size] == [True, True, 0, 0]


def test_after_a_change_everything_is_made_anew() -> None:
    answers = Answers()
    answer(answers, "a")
    answers.clear()
    assert (len(answers), answers.size, answer(answers, "a")) == (0, 0, True)
