-- What a node exchanges with others' nodes. The same rules of form as in 0001.

-- The groups that this node signs for. Their root keys are not here: people keep those.
CREATE TABLE identity (
    group_id TEXT PRIMARY KEY,
    -- What this node's events call the group.
    handle TEXT NOT NULL UNIQUE,
    -- The group whose node this is; the others are its guests.
    home BIGINT NOT NULL,
    -- The signing key, as it is.
    secret TEXT NOT NULL,
    created_at TEXT NOT NULL
);

-- Other groups' nodes.
CREATE TABLE peer (
    group_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Where it listens; empty for one that only calls.
    url TEXT NOT NULL,
    -- waiting (for people to compare the phrase), allowed, or forbidden.
    state TEXT NOT NULL,
    -- The cards of its groups as it showed them, as JSON: what charters may name.
    shown TEXT NOT NULL,
    -- Until when, and why, nothing is taken from it.
    suspended_until TEXT,
    why TEXT,
    -- How often that happened.
    suspensions BIGINT NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
);

-- Event spaces that are followed, and the local event that is planned in each.
CREATE TABLE space (
    id TEXT PRIMARY KEY,
    founder TEXT NOT NULL,
    name TEXT NOT NULL,
    event TEXT NOT NULL,
    -- Keys the pseudonyms of this node's people there.
    salt TEXT NOT NULL,
    -- What head-counts are rounded down to before they are told.
    rounding BIGINT NOT NULL,
    created_at TEXT NOT NULL
);

-- All that the core of the exchange has to remember, in the order in which it became durable.
CREATE TABLE entry (
    seq BIGINT PRIMARY KEY,
    -- Empty for cards.
    space TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The record that a body is of; empty else.
    record TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX entry_by_record ON entry (record);

-- How far this node is with a peer in a space: the log itself is what is to be sent.
CREATE TABLE sync (
    peer TEXT NOT NULL,
    space TEXT NOT NULL,
    -- The digest of what both had when they last had the same.
    agreed TEXT NOT NULL,
    agreed_at TEXT,
    fails BIGINT NOT NULL DEFAULT 0,
    next_try TEXT NOT NULL,
    trouble TEXT,
    PRIMARY KEY (peer, space)
);
