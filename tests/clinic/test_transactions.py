"""One transaction for one act: its own, or its door's."""

import pytest
from django.db import transaction

from clinic.errors import ClinicError, Conflict
from clinic.models import Event
from clinic.services.events import emit
from clinic.transactions import act, door


def refusing() -> None:
    with act():
        emit(kind="test.begun")
        raise Conflict("Taken.")


def test_a_refused_act_leaves_nothing_and_its_caller_goes_on(db: None) -> None:
    with pytest.raises(Conflict):
        refusing()

    assert not Event.objects.filter(kind="test.begun").exists()


def test_a_refusal_behind_a_door_rolls_back_everything_behind_it(db: None) -> None:
    with pytest.raises(Conflict), door():
        emit(kind="test.at_the_door")
        refusing()

    assert not Event.objects.filter(kind__startswith="test.").exists()


def test_a_view_that_goes_on_after_a_refusal_is_stopped(db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError), door():
        with pytest.raises(Conflict):
            refusing()
        emit(kind="test.went_on")

    assert not Event.objects.filter(kind__startswith="test.").exists()


def test_what_a_refusal_still_looks_up_is_added_after_its_transaction(db: None) -> None:
    error = ClinicError("Taken.")

    def look_up() -> None:
        error.sentence += f" {Event.objects.filter(kind='test.begun').count()} left."

    error.later = look_up
    with pytest.raises(ClinicError), door(), act():
        emit(kind="test.begun")
        raise error

    error.complete()
    assert error.sentence == "Taken. 0 left."


def test_an_act_after_a_door_has_its_own_savepoint_again(db: None) -> None:
    with door(), act():
        emit(kind="test.done")

    with pytest.raises(Conflict):
        refusing()

    assert list(Event.objects.filter(kind__startswith="test.").values_list("kind", flat=True)) == ["test.done"]
