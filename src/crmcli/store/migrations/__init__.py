"""The revisions of the schema, applied by `crmcli.store.migrate`."""
