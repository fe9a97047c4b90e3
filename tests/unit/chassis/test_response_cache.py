"""Remembered answers are bounded, and given only while they are right."""

from services.chassis.http.response_cache import CachedResponse, ResponseCache


def kept(body: bytes = b"0123456789", stamp: int = 1) -> CachedResponse:
    return CachedResponse(stamp, body, '"tag"', {"Content-Type": "application/json"})


def test_an_answer_is_given_while_it_depends_on_the_same() -> None:
    remembered = ResponseCache()
    remembered.put("/a", "fr", kept(stamp=1))
    assert remembered.get("/a", "fr", 1) == kept(stamp=1)
    assert remembered.get("/a", "fr", 2) is None
    assert remembered.get("/a", "en", 1) is None
    assert remembered.get("/a?", "fr", 1) is None


def test_the_last_answer_is_known_though_it_is_wrong_by_now() -> None:
    remembered = ResponseCache()
    assert remembered.last("/a", "fr") is None
    remembered.put("/a", "fr", kept(stamp=1))
    assert remembered.last("/a", "fr") == kept(stamp=1)
    assert remembered.last("/a", "en") is None


def test_a_newer_answer_takes_the_place_of_the_earlier_one() -> None:
    remembered = ResponseCache()
    remembered.put("/a", "fr", kept(stamp=1))
    remembered.put("/a", "fr", kept(b"123", stamp=2))
    assert (len(remembered), remembered.size) == (1, 5)
    assert remembered.get("/a", "fr", 2) == kept(b"123", stamp=2)


def test_the_bytes_have_a_bound_and_what_was_asked_for_longest_ago_goes_first() -> None:
    remembered = ResponseCache(max_bytes=36)
    for path in ("/a", "/b", "/c"):
        remembered.put(path, "fr", kept())
    assert (len(remembered), remembered.size) == (3, 36)
    assert remembered.get("/a", "fr", 1)
    remembered.put("/d", "fr", kept())
    assert remembered.size == 36
    assert [remembered.get(path, "fr", 1) is not None for path in ("/a", "/b", "/c", "/d")] == [True, False, True, True]


def test_the_number_has_a_bound() -> None:
    remembered = ResponseCache(max_answers=2)
    for path in ("/a", "/b", "/c"):
        remembered.put(path, "fr", kept(b""))
    assert len(remembered) == 2


def test_an_answer_larger_than_all_room_is_not_kept() -> None:
    remembered = ResponseCache(max_bytes=11)
    remembered.put("/a", "fr", kept())
    assert (len(remembered), remembered.size) == (0, 0)
    exact = ResponseCache(max_bytes=12)
    exact.put("/a", "fr", kept())
    assert len(exact) == 1
