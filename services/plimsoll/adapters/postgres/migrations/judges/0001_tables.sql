-- Replies that were paid for.
CREATE TABLE memo (
    tenant text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    reply bytea NOT NULL,
    PRIMARY KEY (tenant, digest)
);

-- Which results asked what: how an erasure finds their replies. A subject stands as 16 bytes.
CREATE TABLE askers (
    tenant text COLLATE "C" NOT NULL,
    result_id text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    subject bytea NOT NULL,
    PRIMARY KEY (tenant, result_id, digest, subject)
);
CREATE INDEX askers_digest ON askers (tenant, digest);
CREATE INDEX askers_subject ON askers (tenant, subject);
-- What has still to be done to the files.
CREATE TABLE owed (work text PRIMARY KEY);

-- Who asks a judge now, so that others wait; a lease that has run out may be taken over.
CREATE TABLE asking (
    tenant text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    holder text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant, digest)
);

CREATE TABLE budgets (
    tenant text COLLATE "C" NOT NULL,
    policy text COLLATE "C" NOT NULL,
    day date NOT NULL,
    used_tokens bigint NOT NULL DEFAULT 0,
    used_nano_usd bigint NOT NULL DEFAULT 0,
    reserved_tokens bigint NOT NULL DEFAULT 0,
    reserved_nano_usd bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, policy, day)
) WITH (fillfactor = 50);

-- Numbers are never used twice, so that settling one again finds nothing.
CREATE TABLE reservations (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text COLLATE "C" NOT NULL,
    policy text COLLATE "C" NOT NULL,
    day date NOT NULL,
    tokens bigint NOT NULL,
    nano_usd bigint NOT NULL
);

CREATE TABLE quotas (
    name text COLLATE "C" PRIMARY KEY,
    requests double precision NOT NULL,
    tokens double precision NOT NULL,
    at_s double precision NOT NULL
) WITH (fillfactor = 50);
