-- Fixes what was known at `asked`: the position of the last event not later, and no later event will stand before it.
create function log.settle(asked timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    last bigint;
    stamp timestamptz;
begin
    if asked > clock_timestamp() then
        raise exception 'nobody knows what will be recorded until %', asked using errcode = 'datetime_field_overflow';
    end if;
    select e.recorded_at into stamp from log.event e order by e.position desc limit 1;
    if stamp is null or stamp <= asked then
        if (select s.floor <= asked from log.store s) then
            lock table log.gate in exclusive mode;
            update log.store s set floor = greatest(s.floor, asked + interval '1 microsecond');
        end if;
    end if;
    -- Times rise with positions, so a search by halves finds the place; recorded_at itself has no tree.
    select coalesce(max(e.position), 0) into last from log.event e;
    declare
        low bigint := 0;
        middle bigint;
    begin
        while low < last loop
            middle := (low + last + 1) / 2;
            if (select e.recorded_at <= asked from log.event e where e.position = middle) then
                low := middle;
            else
                last := middle - 1;
            end if;
        end loop;
        return low;
    end;
end $$;

-- Where a policy stands. One that is new to the store begins at the head: it does not answer the past.
create function log.open_mark(name text) returns table (mark_position bigint, mark_number int)
language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    if not exists (select from log.mark m where m.policy = name) then
        lock table log.gate in exclusive mode;
        insert into log.mark
        select name, coalesce((select max(e.position) from log.event e), 0), 0 on conflict (policy) do nothing;
    end if;
    return query select m.position, m.number from log.mark m where m.policy = name;
end $$;

-- Drops receipts older than 30 days, a bounded number at a time.
create function log.forget_receipts() returns bigint
language sql volatile security definer set search_path = pg_catalog
begin atomic
    with old as (
        delete from log.receipt where key in
            (select key from log.receipt where made_at < clock_timestamp() - interval '30 days' limit 10000)
        returning 1)
    select count(*) from old;
end;

revoke all on all functions in schema log from public;
revoke create on schema public from public;
