"""What commits remember of workers that died."""

from __future__ import annotations

from plimsoll.domain.record import Record, TopicPartition
from plimsoll.pipeline.crash_note import CrashNote, note_at_start, parse_note
from plimsoll.pipeline.partition import Assignment

HERE = TopicPartition("results", 0)


def record(offset: int) -> Record:
    """A record at an offset."""
    return Record("results", 0, offset, 0, None, b"", ())


def test_a_note_reads_back() -> None:
    """What is encoded into a commit's metadata is what is read from it."""
    note = CrashNote(running=True, starts=3, alone=1, until=5_100)
    assert parse_note(note.encode()) == note


def test_foreign_metadata_remembers_nothing() -> None:
    """Metadata that another program wrote, or none at all, is no crash."""
    assert parse_note("") == parse_note("offset by hand") == CrashNote()


def test_a_worker_that_left_alive_is_no_crash() -> None:
    """Taking over from a worker that let go leaves nothing to be careful about."""
    note = note_at_start(CrashNote(running=False), suspects_until=900)
    assert note == CrashNote(running=True)


def test_one_death_is_not_enough_to_be_careful() -> None:
    """A single kill of a healthy worker slows nobody down."""
    note = note_at_start(CrashNote(running=True), suspects_until=900)
    assert (note.starts, note.until) == (1, 0)


def test_two_deaths_at_one_offset_ask_for_care() -> None:
    """After the second death without progress, what the dead can have begun is suspect."""
    note = note_at_start(CrashNote(running=True, starts=1), suspects_until=900)
    assert (note.starts, note.until) == (2, 900)


def test_progress_forgets_deaths() -> None:
    """A commit beyond the offset of the deaths counts none of them."""
    assignment = Assignment(HERE, 100, CrashNote(running=True, starts=1))
    assignment.tracker.add(100)
    assert parse_note(assignment.to_commit()[1]).starts == 1
    assignment.tracker.finish(100)
    assert assignment.to_commit() == (101, CrashNote(running=True).encode())


def test_care_outlives_a_rebalance() -> None:
    """A worker that lets go in the middle of the suspects hands its care on."""
    assignment = Assignment(HERE, 100, CrashNote(running=True, starts=2, until=900))
    note = parse_note(assignment.to_commit_at_leave()[1])
    assert note == CrashNote(running=False, until=900)
    assert note_at_start(note, suspects_until=0).until == 900


def test_a_suspect_is_noted_until_it_is_done() -> None:
    """Every commit made while a suspect is in work says that it is alone in work."""
    assignment = Assignment(HERE, 100, CrashNote(running=True, starts=2, alone=1, until=900))
    suspect = record(100)
    assignment.tracker.add(100)
    assignment.begin_alone(suspect)
    assert parse_note(assignment.to_commit()[1]).alone == 2
    assignment.tracker.finish(100)
    assert parse_note(assignment.to_commit()[1]).alone == 0


def test_two_deaths_alone_are_quarantine() -> None:
    """A record that was alone in work at two deaths is not begun again; its neighbour is."""
    note = note_at_start(CrashNote(running=True, starts=3, alone=2, until=900), 900)
    assignment = Assignment(HERE, 100, note)
    assert assignment.is_quarantined(record(100))
    assert not assignment.is_quarantined(record(101))


def test_a_quiet_partition_is_no_longer_suspect() -> None:
    """Where the last offsets are never handed over, care ends after some empty polls."""
    assignment = Assignment(HERE, 100, CrashNote(running=True, starts=2, until=900))
    for _ in range(19):
        assignment.gave_nothing()
    assert assignment.careful
    assignment.gave_nothing()
    assert not assignment.careful
