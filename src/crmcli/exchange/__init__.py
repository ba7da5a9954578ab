"""Files in and out.

An import is a line of small steps: `readers` make any file a table of texts, `headers` say which
field each column is, `layout` how the columns make up a record, `columns` turn texts into stored
values, `matching` finds the records that rows mean, `planning` decides what to make and what to
fill in, `references` finds or makes what is named, `applying` writes it set by set, `rejects` keeps
what could not be read. `importing` drives them, chunk by chunk. `exporting` is the mirror.
"""
