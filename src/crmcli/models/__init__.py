"""The record types. The only place where a field is written by hand.

`table(NAME)` loads the one model that a write touches: each mapped class costs a start-up time
that a command should not pay for types it does not use. `load_all()` is for the schema.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlmodel import SQLModel

# table -> (module, class), in the order in which the record types are listed
TABLES: dict[str, tuple[str, str]] = {
    "contact": ("contact", "Contact"),
    "company": ("company", "Company"),
    "deal": ("deal", "Deal"),
    "activity": ("activity", "Activity"),
    "task": ("task", "Task"),
    "app_user": ("user", "User"),
    "tag": ("tag", "Tag"),
    "pipeline": ("deal", "Pipeline"),
    "stage": ("deal", "Stage"),
    "source": ("source", "Source"),
    "custom_field": ("custom", "CustomField"),
    "segment": ("custom", "Segment"),
    "rule": ("reminder", "Rule"),
    "holiday": ("reminder", "Holiday"),
    "import_batch": ("journal", "ImportBatch"),
    "contact_point": ("point", "ContactPoint"),
    "address": ("point", "Address"),
    "tagging": ("tag", "Tagging"),
    "deal_contact": ("deal", "DealContact"),
    "activity_participant": ("activity", "ActivityParticipant"),
    "stage_change": ("deal", "StageChange"),
    "task_item": ("task", "TaskItem"),
    "reminder_hold": ("reminder", "ReminderHold"),
    "link": ("link", "Link"),
    "external_id": ("external", "ExternalId"),
    "merged": ("duplicates", "Merged"),
    "not_duplicate": ("duplicates", "NotDuplicate"),
    "quality_score": ("quality", "QualityScore"),
    "change_set": ("journal", "ChangeSet"),
    "change": ("journal", "Change"),
    "reminder_run": ("reminder", "ReminderRun"),
    "reminder_message": ("reminder", "ReminderMessage"),
    "delivery": ("reminder", "Delivery"),
    "erased": ("erased", "Erased"),
    "meta": ("journal", "Meta"),
}


def table(name: str) -> type[SQLModel]:
    """The model of table `name`."""
    module, cls = TABLES[name]
    model: type[SQLModel] = getattr(import_module(f"crmcli.models.{module}"), cls)
    return model


def load_all() -> list[type[SQLModel]]:
    """Every model, in the order of `TABLES`, with the foreign keys of their columns."""
    from sqlalchemy import ForeignKey

    found = [table(name) for name in TABLES]
    for column in (column for model in found for column in model.__table__.c):  # type: ignore[attr-defined]
        if "foreign" in column.info and not column.foreign_keys:
            column.append_foreign_key(ForeignKey(column.info["foreign"]))
    return found
