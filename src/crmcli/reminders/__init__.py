"""Reminders: what each person is owed, how it reaches them once, and the proof of it.

`rules` says what to look for, `owed` finds it, `details` adds what is needed to act; `planning`
makes messages of what is new, `outbox` claims and settles them, `channels` carry them, `running`
does one run of all this. `status` tells what happened; `job` has the system run it; `feed` writes
the calendar.
"""
