-- The log and what belongs to its truth. The schema itself is made by `letopis migrate`, which keeps its own table in it.

create table log.store (
    one   boolean primary key default true check (one),
    name  text not null check (name ~ '^[a-z0-9]{1,32}$'),
    kind  text not null check (kind in ('production', 'sample')),
    -- Every later recorded_at is at least this: the microsecond after the last moment somebody asked about.
    floor timestamptz not null default '-infinity'
);

-- Counts how often the log was restored to its past; the copy in JetStream carries the number.
create table log.epoch (
    number    integer primary key check (number >= 1),
    opened_at timestamptz not null default clock_timestamp(),
    reason    text not null
);
insert into log.epoch (number, reason) values (1, 'created');

-- Nothing ever stands in it: who holds its lock may append.
create table log.gate ();

create table log.event (
    position       bigint      primary key,
    category       text        not null,
    stream_id      uuid        not null,
    version        bigint      not null check (version >= 1),
    event_id       uuid        not null,
    type           text        not null,
    schema         smallint    not null,
    recorded_at    timestamptz not null,
    actor          text        not null,
    concerns       uuid[]      not null,
    correlation_id uuid        not null,
    causation_id   uuid,
    payload        json        not null,
    leaf           bytea       not null,
    unique (category, stream_id, version)
);
create index event_recorded_at on log.event using brin (recorded_at);
create index event_concerns on log.event using gin (concerns) with (fastupdate = on);

-- What a repeated request is answered with, by the digest of its actor and key.
create table log.receipt (
    key       bytea       primary key check (length(key) = 32),
    body      bytea       not null check (length(body) = 32),
    stream_id uuid        not null,
    version   bigint      not null,
    position  bigint      not null,
    created   boolean     not null,
    made_at   timestamptz not null
);
create index receipt_made_at on log.receipt using brin (made_at);

-- How far a policy has answered the log: all commands of the events before `position`, and of that one the first `number`.
create table log.mark (
    policy   text    primary key,
    position bigint  not null,
    number   integer not null
);

create function log.refuse_change() returns trigger language plpgsql
set search_path = pg_catalog as $$
begin
    raise exception 'the log is only ever added to' using errcode = 'insufficient_privilege';
end $$;

create trigger never_changed before update or delete or truncate on log.event
    for each statement execute function log.refuse_change();
alter table log.event enable always trigger never_changed;
