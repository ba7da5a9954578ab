"""The first schema."""

from alembic import op

revision = "0001"
down_revision = None

DDL = """
CREATE TABLE app_user (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    full_name VARCHAR,
    email VARCHAR,
    time_zone VARCHAR,
    channels VARCHAR,
    digest_at VARCHAR,
    quiet_hours VARCHAR,
    working_days VARCHAR,
    one_each INTEGER,
    max_per_day INTEGER,
    active INTEGER NOT NULL
);

CREATE UNIQUE INDEX uq_app_user_name_key ON app_user (name_key) WHERE deleted_at IS NULL;

CREATE TABLE custom_field (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    record VARCHAR NOT NULL CONSTRAINT ck_record CHECK (record IN ('contact', 'company',
        'deal', 'activity', 'task')),
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CONSTRAINT ck_kind CHECK (kind IN ('text', 'longtext',
        'integer', 'number', 'percent', 'yesno', 'day', 'moment', 'choice', 'email', 'phone',
        'url', 'country', 'duration')),
    label VARCHAR,
    choices VARCHAR,
    required INTEGER NOT NULL,
    help VARCHAR
);

CREATE UNIQUE INDEX uq_custom_field_record_name
    ON custom_field (record, name)
    WHERE deleted_at IS NULL;

CREATE TABLE erased (
    id INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (digest)
);

CREATE TABLE external_id (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    system VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    record_id INTEGER NOT NULL,
    "key" VARCHAR NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_external_id_gone_record_id_record
    ON external_id (record_id, record)
    WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_external_id_key_record_system
    ON external_id ("key", record, system)
    WHERE deleted_at IS NULL;

CREATE INDEX ix_external_id_record_id_record
    ON external_id (record_id, record)
    WHERE deleted_at IS NULL;

CREATE TABLE holiday (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    day VARCHAR NOT NULL
);

CREATE UNIQUE INDEX uq_holiday_day ON holiday (day) WHERE deleted_at IS NULL;

CREATE TABLE link (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    from_record VARCHAR NOT NULL,
    from_id INTEGER NOT NULL,
    type VARCHAR NOT NULL,
    to_record VARCHAR NOT NULL,
    to_id INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_link_to_record_to_id ON link (to_record, to_id) WHERE deleted_at IS NULL;

CREATE UNIQUE INDEX uq_link_from_record_from_id_type_to_record_to_id
    ON link (from_record, from_id, type, to_record, to_id)
    WHERE deleted_at IS NULL;

CREATE TABLE merged (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    record VARCHAR NOT NULL,
    record_id INTEGER NOT NULL,
    into_id INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_merged_gone_record_into_id
    ON merged (record, into_id)
    WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_merged_gone_record_record_id
    ON merged (record, record_id)
    WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_merged_record_into_id ON merged (record, into_id) WHERE deleted_at IS NULL;

CREATE UNIQUE INDEX uq_merged_record_record_id
    ON merged (record, record_id)
    WHERE deleted_at IS NULL;

CREATE TABLE meta (
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE not_duplicate (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    record VARCHAR NOT NULL,
    low_id INTEGER NOT NULL,
    high_id INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_not_duplicate_record_low_id_high_id
    ON not_duplicate (record, low_id, high_id)
    WHERE deleted_at IS NULL;

CREATE TABLE pipeline (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    is_default INTEGER NOT NULL,
    notes VARCHAR
);

CREATE UNIQUE INDEX uq_pipeline_name_key ON pipeline (name_key) WHERE deleted_at IS NULL;

CREATE TABLE quality_score (
    id INTEGER NOT NULL,
    day VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    records INTEGER NOT NULL,
    completeness INTEGER NOT NULL,
    validity INTEGER NOT NULL,
    uniqueness INTEGER NOT NULL,
    freshness INTEGER NOT NULL,
    consistency INTEGER NOT NULL,
    score INTEGER NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_quality_score UNIQUE (record, day)
);

CREATE TABLE reminder_hold (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    "key" VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    record_id INTEGER NOT NULL,
    until VARCHAR,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_reminder_hold_key ON reminder_hold ("key") WHERE deleted_at IS NULL;

CREATE TABLE reminder_run (
    id INTEGER NOT NULL,
    at VARCHAR NOT NULL,
    host VARCHAR NOT NULL,
    pid INTEGER NOT NULL,
    ended_at VARCHAR,
    due INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    note VARCHAR,
    PRIMARY KEY (id)
);

CREATE INDEX ix_reminder_run_at ON reminder_run (at);

CREATE TABLE segment (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    record VARCHAR NOT NULL CONSTRAINT ck_record CHECK (record IN ('contact', 'company',
        'deal', 'activity', 'task')),
    "query" VARCHAR NOT NULL
);

CREATE UNIQUE INDEX uq_segment_name_key ON segment (name_key) WHERE deleted_at IS NULL;

CREATE TABLE source (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    notes VARCHAR
);

CREATE UNIQUE INDEX uq_source_name_key ON source (name_key) WHERE deleted_at IS NULL;

CREATE TABLE tag (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    notes VARCHAR
);

CREATE UNIQUE INDEX uq_tag_name_key ON tag (name_key) WHERE deleted_at IS NULL;

CREATE TABLE change_set (
    id INTEGER NOT NULL,
    at VARCHAR NOT NULL,
    user_id INTEGER,
    command VARCHAR NOT NULL,
    reason VARCHAR,
    kind VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    undo_of INTEGER,
    undone_by INTEGER,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES app_user (id),
    FOREIGN KEY(undo_of) REFERENCES change_set (id),
    FOREIGN KEY(undone_by) REFERENCES change_set (id)
);

CREATE INDEX ix_change_set_user ON change_set (user_id, id);

CREATE TABLE company (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    domain VARCHAR,
    industry VARCHAR,
    size INTEGER,
    revenue INTEGER,
    revenue_currency VARCHAR,
    founded INTEGER,
    parent_id INTEGER,
    owner_id INTEGER,
    source_id INTEGER,
    confirmed_on VARCHAR,
    notes VARCHAR,
    FOREIGN KEY(parent_id) REFERENCES company (id),
    FOREIGN KEY(owner_id) REFERENCES app_user (id),
    FOREIGN KEY(source_id) REFERENCES source (id)
);

CREATE INDEX ix_company_created_at ON company (created_at) WHERE deleted_at IS NULL;

CREATE INDEX ix_company_domain ON company (domain) WHERE deleted_at IS NULL;

CREATE INDEX ix_company_name_key_id ON company (name_key, id) WHERE deleted_at IS NULL;

CREATE INDEX ix_company_owner_id ON company (owner_id) WHERE deleted_at IS NULL;

CREATE INDEX ix_company_parent_id ON company (parent_id) WHERE deleted_at IS NULL;

CREATE TABLE reminder_message (
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    channel VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    day VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    payload VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    next_at VARCHAR NOT NULL,
    claimed_at VARCHAR,
    claimed_by VARCHAR,
    sent_at VARCHAR,
    error VARCHAR,
    created_at VARCHAR NOT NULL,
    run_id INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (message_id),
    FOREIGN KEY(user_id) REFERENCES app_user (id),
    FOREIGN KEY(run_id) REFERENCES reminder_run (id)
);

CREATE INDEX ix_reminder_message_person ON reminder_message (user_id, channel, day);

CREATE INDEX ix_reminder_message_state ON reminder_message (state, next_at);

CREATE TABLE rule (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CONSTRAINT ck_kind CHECK (kind IN ('tasks', 'meetings', 'keep
        in touch', 'date', 'yearly', 'no next step', 'rotting', 'leads', 'escalation')),
    "query" VARCHAR,
    about_date VARCHAR,
    days INTEGER,
    lead VARCHAR,
    person_id INTEGER,
    active INTEGER NOT NULL,
    FOREIGN KEY(person_id) REFERENCES app_user (id)
);

CREATE UNIQUE INDEX uq_rule_name_key ON rule (name_key) WHERE deleted_at IS NULL;

CREATE TABLE stage (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    pipeline_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    type VARCHAR NOT NULL CONSTRAINT ck_type CHECK (type IN ('open', 'on hold', 'won', 'lost')),
    probability INTEGER NOT NULL,
    rot_days INTEGER,
    FOREIGN KEY(pipeline_id) REFERENCES pipeline (id)
);

CREATE UNIQUE INDEX uq_stage_pipeline_id_name_key
    ON stage (pipeline_id, name_key)
    WHERE deleted_at IS NULL;

CREATE TABLE tagging (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    tag_id INTEGER NOT NULL,
    record VARCHAR NOT NULL,
    record_id INTEGER NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(tag_id) REFERENCES tag (id)
);

CREATE INDEX ix_tagging_gone_record_record_id
    ON tagging (record, record_id)
    WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_tagging_tag_id_record_record_id
    ON tagging (tag_id, record, record_id)
    WHERE deleted_at IS NULL;

CREATE UNIQUE INDEX uq_tagging_record_record_id_tag_id
    ON tagging (record, record_id, tag_id)
    WHERE deleted_at IS NULL;

CREATE TABLE change (
    id INTEGER NOT NULL,
    change_set_id INTEGER NOT NULL,
    tbl VARCHAR NOT NULL,
    row_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    op VARCHAR NOT NULL,
    "before" VARCHAR,
    "after" VARCHAR,
    PRIMARY KEY (id),
    FOREIGN KEY(change_set_id) REFERENCES change_set (id)
);

CREATE INDEX ix_change_change_set_id ON change (change_set_id);

CREATE INDEX ix_change_row ON change (tbl, row_id);

CREATE INDEX ix_change_run ON change (tbl, row_id, last_id) WHERE last_id > row_id;

CREATE TABLE contact (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    prefix VARCHAR,
    first_name VARCHAR,
    middle_name VARCHAR,
    last_name VARCHAR,
    suffix VARCHAR,
    preferred_name VARCHAR,
    company_id INTEGER,
    title VARCHAR,
    department VARCHAR,
    status VARCHAR NOT NULL CONSTRAINT ck_status CHECK (status IN ('lead', 'qualified',
        'customer', 'former', 'lost')),
    owner_id INTEGER,
    source_id INTEGER,
    birthday VARCHAR,
    language VARCHAR,
    time_zone VARCHAR,
    keep_in_touch INTEGER,
    do_not_contact INTEGER NOT NULL,
    confirmed_on VARCHAR,
    notes VARCHAR,
    FOREIGN KEY(company_id) REFERENCES company (id),
    FOREIGN KEY(owner_id) REFERENCES app_user (id),
    FOREIGN KEY(source_id) REFERENCES source (id)
);

CREATE INDEX ix_contact_company_id_name_key
    ON contact (company_id, name_key)
    WHERE deleted_at IS NULL;

CREATE INDEX ix_contact_created_at ON contact (created_at) WHERE deleted_at IS NULL;

CREATE INDEX ix_contact_keep_in_touch
    ON contact (keep_in_touch)
    WHERE deleted_at IS NULL AND keep_in_touch IS NOT NULL;

CREATE INDEX ix_contact_name_key_id ON contact (name_key, id) WHERE deleted_at IS NULL;

CREATE INDEX ix_contact_owner_id ON contact (owner_id) WHERE deleted_at IS NULL;

CREATE INDEX ix_contact_status_name_key ON contact (status, name_key) WHERE deleted_at IS NULL;

CREATE TABLE delivery (
    id INTEGER NOT NULL,
    "key" VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    record_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    channel VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_delivery UNIQUE ("key", user_id, channel),
    FOREIGN KEY(user_id) REFERENCES app_user (id),
    FOREIGN KEY(message_id) REFERENCES reminder_message (id)
);

CREATE INDEX ix_delivery_message ON delivery (message_id);

CREATE INDEX ix_delivery_record ON delivery (record, record_id);

CREATE TABLE import_batch (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    file VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    change_set_id INTEGER NOT NULL,
    read INTEGER NOT NULL,
    made INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    created_at VARCHAR NOT NULL,
    unchanged INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    FOREIGN KEY(change_set_id) REFERENCES change_set (id)
);

CREATE TABLE address (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    contact_id INTEGER,
    company_id INTEGER,
    label VARCHAR,
    street VARCHAR,
    city VARCHAR,
    city_key VARCHAR,
    region VARCHAR,
    postcode VARCHAR,
    country VARCHAR,
    is_primary INTEGER NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_holder CHECK ((contact_id IS NULL) <> (company_id IS NULL)),
    FOREIGN KEY(contact_id) REFERENCES contact (id),
    FOREIGN KEY(company_id) REFERENCES company (id)
);

CREATE INDEX ix_address_city_key
    ON address (city_key)
    WHERE deleted_at IS NULL AND city_key IS NOT NULL;

CREATE INDEX ix_address_company_id
    ON address (company_id)
    WHERE deleted_at IS NULL AND company_id IS NOT NULL;

CREATE INDEX ix_address_contact_id
    ON address (contact_id)
    WHERE deleted_at IS NULL AND contact_id IS NOT NULL;

CREATE INDEX ix_address_gone_company_id ON address (company_id) WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_address_gone_contact_id ON address (contact_id) WHERE deleted_at IS NOT NULL;

CREATE TABLE contact_point (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    contact_id INTEGER,
    company_id INTEGER,
    kind VARCHAR NOT NULL,
    label VARCHAR,
    value VARCHAR NOT NULL,
    "key" VARCHAR NOT NULL,
    is_primary INTEGER NOT NULL,
    valid INTEGER NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_holder CHECK ((contact_id IS NULL) <> (company_id IS NULL)),
    CONSTRAINT ck_kind CHECK (kind IN ('email', 'phone', 'url', 'social')),
    FOREIGN KEY(contact_id) REFERENCES contact (id),
    FOREIGN KEY(company_id) REFERENCES company (id)
);

CREATE INDEX ix_contact_point_company_id_kind
    ON contact_point (company_id, kind)
    WHERE deleted_at IS NULL AND company_id IS NOT NULL;

CREATE INDEX ix_contact_point_contact_id_kind
    ON contact_point (contact_id, kind)
    WHERE deleted_at IS NULL AND contact_id IS NOT NULL;

CREATE INDEX ix_contact_point_gone_company_id
    ON contact_point (company_id)
    WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_contact_point_gone_contact_id
    ON contact_point (contact_id)
    WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_contact_point_key_kind ON contact_point ("key", kind) WHERE deleted_at IS NULL;

CREATE TABLE deal (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    title VARCHAR NOT NULL,
    title_key VARCHAR NOT NULL,
    value INTEGER,
    currency VARCHAR,
    stage_id INTEGER NOT NULL,
    probability INTEGER,
    expected_close VARCHAR,
    company_id INTEGER,
    contact_id INTEGER,
    owner_id INTEGER,
    source_id INTEGER,
    lost_reason VARCHAR,
    notes VARCHAR,
    confirmed_on VARCHAR,
    stage_since VARCHAR NOT NULL,
    closed_at VARCHAR,
    FOREIGN KEY(stage_id) REFERENCES stage (id),
    FOREIGN KEY(company_id) REFERENCES company (id),
    FOREIGN KEY(contact_id) REFERENCES contact (id),
    FOREIGN KEY(owner_id) REFERENCES app_user (id),
    FOREIGN KEY(source_id) REFERENCES source (id)
);

CREATE INDEX ix_deal_board
    ON deal (stage_id, currency, value, stage_since, expected_close, owner_id,
        probability, deleted_at)
    WHERE deleted_at IS NULL;

CREATE INDEX ix_deal_closed
    ON deal (closed_at, stage_id, currency, value, owner_id, deleted_at)
    WHERE deleted_at IS NULL;

CREATE INDEX ix_deal_company_id_title_key
    ON deal (company_id, title_key)
    WHERE deleted_at IS NULL;

CREATE INDEX ix_deal_contact_id ON deal (contact_id) WHERE deleted_at IS NULL;

CREATE INDEX ix_deal_created_at ON deal (created_at) WHERE deleted_at IS NULL;

CREATE INDEX ix_deal_expected_close ON deal (expected_close) WHERE deleted_at IS NULL;

CREATE INDEX ix_deal_owner_id ON deal (owner_id) WHERE deleted_at IS NULL;

CREATE INDEX ix_deal_title_key ON deal (title_key) WHERE deleted_at IS NULL;

CREATE TABLE activity (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    type VARCHAR NOT NULL CONSTRAINT ck_type CHECK (type IN ('call', 'email', 'meeting',
        'note', 'chat', 'visit')),
    subject VARCHAR NOT NULL,
    at VARCHAR NOT NULL,
    planned INTEGER NOT NULL,
    company_id INTEGER,
    deal_id INTEGER,
    owner_id INTEGER,
    direction VARCHAR CONSTRAINT ck_direction CHECK (direction IN ('in', 'out')),
    duration INTEGER,
    outcome VARCHAR,
    notes VARCHAR,
    FOREIGN KEY(company_id) REFERENCES company (id),
    FOREIGN KEY(deal_id) REFERENCES deal (id),
    FOREIGN KEY(owner_id) REFERENCES app_user (id)
);

CREATE INDEX ix_activity_at ON activity (at) WHERE deleted_at IS NULL;

CREATE INDEX ix_activity_company_id_at ON activity (company_id, at) WHERE deleted_at IS NULL;

CREATE INDEX ix_activity_deal_id_at ON activity (deal_id, at) WHERE deleted_at IS NULL;

CREATE INDEX ix_activity_owner_id_at ON activity (owner_id, at) WHERE deleted_at IS NULL;

CREATE INDEX ix_activity_planned_at ON activity (planned, at) WHERE deleted_at IS NULL;

CREATE TABLE deal_contact (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    deal_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    label VARCHAR,
    PRIMARY KEY (id),
    FOREIGN KEY(deal_id) REFERENCES deal (id),
    FOREIGN KEY(contact_id) REFERENCES contact (id)
);

CREATE INDEX ix_deal_contact_contact_id ON deal_contact (contact_id) WHERE deleted_at IS NULL;

CREATE INDEX ix_deal_contact_gone_deal_id ON deal_contact (deal_id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX uq_deal_contact_deal_id_contact_id
    ON deal_contact (deal_id, contact_id)
    WHERE deleted_at IS NULL;

CREATE TABLE stage_change (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    deal_id INTEGER NOT NULL,
    stage_id INTEGER NOT NULL,
    from_id INTEGER,
    at VARCHAR NOT NULL,
    user_id INTEGER,
    PRIMARY KEY (id),
    FOREIGN KEY(deal_id) REFERENCES deal (id),
    FOREIGN KEY(stage_id) REFERENCES stage (id),
    FOREIGN KEY(from_id) REFERENCES stage (id),
    FOREIGN KEY(user_id) REFERENCES app_user (id)
);

CREATE INDEX ix_stage_change_deal_id_at ON stage_change (deal_id, at) WHERE deleted_at IS NULL;

CREATE INDEX ix_stage_change_gone_deal_id ON stage_change (deal_id) WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_stage_change_stage_id_at ON stage_change (stage_id, at) WHERE deleted_at IS NULL;

CREATE TABLE task (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    deleted_at VARCHAR,
    created_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    custom VARCHAR,
    title VARCHAR NOT NULL,
    due VARCHAR,
    remind VARCHAR,
    remind_at VARCHAR,
    status VARCHAR NOT NULL CONSTRAINT ck_status CHECK (status IN ('open', 'done', 'dropped')),
    priority VARCHAR NOT NULL CONSTRAINT ck_priority CHECK (priority IN ('low', 'normal', 'high')),
    contact_id INTEGER,
    company_id INTEGER,
    deal_id INTEGER,
    owner_id INTEGER,
    recurrence VARCHAR,
    after_id INTEGER,
    series_id INTEGER,
    occurrence VARCHAR,
    once VARCHAR,
    done_at VARCHAR,
    notes VARCHAR,
    FOREIGN KEY(contact_id) REFERENCES contact (id),
    FOREIGN KEY(company_id) REFERENCES company (id),
    FOREIGN KEY(deal_id) REFERENCES deal (id),
    FOREIGN KEY(owner_id) REFERENCES app_user (id),
    FOREIGN KEY(after_id) REFERENCES task (id),
    FOREIGN KEY(series_id) REFERENCES task (id)
);

CREATE INDEX ix_task_after_id
    ON task (after_id)
    WHERE deleted_at IS NULL AND after_id IS NOT NULL;

CREATE INDEX ix_task_company_id ON task (company_id) WHERE deleted_at IS NULL;

CREATE INDEX ix_task_contact_id ON task (contact_id) WHERE deleted_at IS NULL;

CREATE INDEX ix_task_created_at ON task (created_at) WHERE deleted_at IS NULL;

CREATE INDEX ix_task_deal_id ON task (deal_id) WHERE deleted_at IS NULL;

CREATE INDEX ix_task_next ON task (status, deal_id, due, deleted_at) WHERE deleted_at IS NULL;

CREATE INDEX ix_task_owner_id_status_due
    ON task (owner_id, status, due)
    WHERE deleted_at IS NULL;

CREATE INDEX ix_task_remind_at
    ON task (remind_at)
    WHERE deleted_at IS NULL AND remind_at IS NOT NULL;

CREATE INDEX ix_task_status_due ON task (status, due) WHERE deleted_at IS NULL;

CREATE INDEX ix_task_title ON task (title) WHERE deleted_at IS NULL;

CREATE UNIQUE INDEX uq_task_series_id_occurrence
    ON task (series_id, occurrence)
    WHERE deleted_at IS NULL AND series_id IS NOT NULL;

CREATE TABLE activity_participant (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    activity_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    label VARCHAR,
    PRIMARY KEY (id),
    FOREIGN KEY(activity_id) REFERENCES activity (id),
    FOREIGN KEY(contact_id) REFERENCES contact (id)
);

CREATE INDEX ix_activity_participant_contact_id_activity_id
    ON activity_participant (contact_id, activity_id)
    WHERE deleted_at IS NULL;

CREATE INDEX ix_activity_participant_gone_activity_id
    ON activity_participant (activity_id)
    WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX uq_activity_participant_activity_id_contact_id
    ON activity_participant (activity_id, contact_id)
    WHERE deleted_at IS NULL;

CREATE TABLE task_item (
    id INTEGER NOT NULL,
    deleted_at VARCHAR,
    task_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    done INTEGER NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE INDEX ix_task_item_task_id_position
    ON task_item (task_id, position)
    WHERE deleted_at IS NULL;

CREATE VIRTUAL TABLE search USING fts5(name, body, tokenize='unicode61 remove_diacritics 2');

CREATE VIRTUAL TABLE search_vocab USING fts5vocab(search, row)
"""


def upgrade() -> None:
    """Make the tables, their indexes and the search index."""
    connection = op.get_bind()
    for statement in DDL.split(";\n\n"):
        connection.exec_driver_sql(statement.strip())
