-- What a node keeps. Portable between SQLite and PostgreSQL: TEXT and BIGINT only, instants as RFC 3339 in UTC,
-- documents as JSON in TEXT, truth values as 0 and 1.

-- Numbers that only ever grow.
CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
-- Where several nodes write, this row is the turn to write.
INSERT INTO counter (name, value) VALUES ('audit', 0);

CREATE TABLE event (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    -- Counts every change of what a plan is made from.
    generation BIGINT NOT NULL,
    -- The published plan; moved only by compare-and-set.
    current_plan TEXT,
    created_at TEXT NOT NULL,
    erase_on TEXT
);

-- Everything of an event that people edit, one row a thing: settings, groups, operators, availability …
CREATE TABLE record (
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    -- Whose it is: what another group may not see.
    group_id TEXT,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (event, kind, id)
);
CREATE INDEX record_by_group ON record (event, group_id);

CREATE TABLE account (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    admin BIGINT NOT NULL,
    created_at TEXT NOT NULL
);

CREATE TABLE membership (
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    group_id TEXT NOT NULL DEFAULT '',
    operator TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    PRIMARY KEY (account, event, role, group_id)
);
CREATE INDEX membership_by_group ON membership (event, group_id, role);

-- A secret is kept as the SHA-256 of its bytes, in hex, here and below.
CREATE TABLE invite (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    event TEXT REFERENCES event (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    group_id TEXT NOT NULL DEFAULT '',
    operator TEXT NOT NULL DEFAULT '',
    -- Set when the link lets an account in again instead of making a new one.
    account TEXT REFERENCES account (id) ON DELETE CASCADE,
    created_by TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
);

CREATE TABLE login (
    secret TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

CREATE TABLE token (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
);

CREATE TABLE feed (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    -- event, track, group or person, and which.
    scope TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    revoked_at TEXT
);

-- Where a calendar is fetched from, and the last copy that could be read.
CREATE TABLE calendar (
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    group_id TEXT,
    version BIGINT NOT NULL,
    -- Empty for one that was handed in.
    url TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    good_copy TEXT,
    good_at TEXT,
    polled_at TEXT,
    trouble TEXT,
    PRIMARY KEY (event, id)
);

CREATE TABLE problem (
    digest TEXT PRIMARY KEY,
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL
);

CREATE TABLE job (
    id TEXT PRIMARY KEY,
    -- The order in which they were asked for.
    number BIGINT NOT NULL,
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- queued, running, done, failed or cancelled.
    state TEXT NOT NULL,
    asked TEXT NOT NULL,
    progress TEXT,
    result TEXT,
    created_by TEXT,
    created_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT,
    cancel_asked BIGINT NOT NULL DEFAULT 0,
    -- Whoever holds a lease that has run out has lost the job; the fence says which claim is the last.
    lease_until TEXT,
    fence BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX job_by_state ON job (state, number);
CREATE INDEX job_by_event ON job (event, number);

CREATE TABLE plan (
    id TEXT PRIMARY KEY,
    -- The order in which they were made.
    number BIGINT NOT NULL,
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    -- The plan that was published when this one was made.
    parent TEXT,
    -- Counts what was published; one release is one plan.
    release_number BIGINT,
    -- draft, proposed, published, superseded or withdrawn.
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    problem TEXT NOT NULL,
    -- A job makes one plan, however often it is begun.
    job TEXT UNIQUE,
    revision BIGINT NOT NULL,
    score TEXT NOT NULL,
    body TEXT NOT NULL,
    created_by TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (event, release_number)
);
CREATE INDEX plan_by_event ON plan (event, number);

CREATE TABLE answer (
    plan TEXT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- accepted or rejected, and why.
    verdict TEXT NOT NULL,
    body TEXT NOT NULL,
    account TEXT NOT NULL,
    answered_at TEXT NOT NULL,
    PRIMARY KEY (plan, group_id)
);

-- A swap or a no-show while the event runs; the plan stays as it was published.
CREATE TABLE override (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL,
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    plan TEXT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    shift TEXT NOT NULL,
    -- The group whose shift it is.
    group_id TEXT NOT NULL,
    -- Who stands in; empty for nobody.
    operator TEXT NOT NULL,
    reason TEXT NOT NULL,
    account TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX override_by_plan ON override (plan, number);

-- Where a program is told of changes. What is to be told is in the audit; this only says how far it was.
CREATE TABLE webhook (
    id TEXT PRIMARY KEY,
    -- The order in which they were registered.
    number BIGINT NOT NULL,
    event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    -- Counts its changes by people, and that it was switched off.
    version BIGINT NOT NULL,
    url TEXT NOT NULL,
    -- JSON list of the kinds that are wanted; empty for all.
    kinds TEXT NOT NULL,
    -- Who last registered or changed it: it is told as long as she plans the event.
    account TEXT NOT NULL,
    created_at TEXT NOT NULL,
    -- Begins the ids of its messages.
    mark TEXT NOT NULL,
    -- Kept as it is: what is sent is signed with it. The one before signs too, until then.
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_until TEXT,
    live BIGINT NOT NULL,
    -- Why the last message was not taken, or why it was switched off.
    trouble TEXT,
    -- The last change that it was told of.
    told BIGINT NOT NULL,
    -- How often the next message was not taken, since when, and when it is tried again.
    fails BIGINT NOT NULL DEFAULT 0,
    failing_since TEXT,
    next_try TEXT NOT NULL,
    -- Counts what was sent to it.
    tries BIGINT NOT NULL DEFAULT 0,
    -- As with jobs: who is telling it, and which claim is the last.
    lease_until TEXT,
    fence BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX webhook_by_event ON webhook (event, number);

-- What became of the last messages to a webhook.
CREATE TABLE delivery (
    webhook TEXT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    message TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The change that it tells; 0 for a test.
    seq BIGINT NOT NULL,
    at TEXT NOT NULL,
    -- 0 when there was none.
    status BIGINT NOT NULL,
    -- Empty when it was taken.
    trouble TEXT NOT NULL,
    PRIMARY KEY (webhook, number)
);

-- Only ever added to. Also what is streamed as changes: `seq` is the cursor.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at TEXT NOT NULL,
    account TEXT,
    action TEXT NOT NULL,
    event TEXT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    group_id TEXT
);
CREATE INDEX audit_by_event ON audit (event, seq);

CREATE TABLE idempotency (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    request TEXT NOT NULL,
    status BIGINT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (account, key)
);
