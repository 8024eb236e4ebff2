-- The one door into the log.

-- A column as the leaf hashes it: its length in four bytes and its bytes; null has the length 0xFFFFFFFF.
create function log.hashed(bytes bytea) returns bytea language sql immutable parallel safe
return coalesce(int4send(length(bytes)) || bytes, '\xffffffff'::bytea);

-- Microseconds since 1970 in UTC.
create function log.micros(moment timestamptz) returns bigint language sql immutable parallel safe
return (extract(epoch from moment) * 1000000)::bigint;

-- What is done about each request of a call:
-- 0 accepted, 1 conflict, 2 its key was used before, 3 its mark was passed before, 4 a time it may not have,
-- 5 the caller's clock is wrong, 6 accepted by an earlier call whose answer was lost.
--
-- r_… one element per request; its events stand in e_… in the order of the requests, e_request names it, counted from 1;
-- guards, keys and marks likewise. The requests of one call are independent: no two write one stream, none guards
-- a stream that another writes, no two carry one key or a mark of one policy.
create function log.append(
    caller_clock timestamptz,
    r_category text[], r_stream uuid[], r_expected bigint[], r_events int[], r_first uuid[], r_at timestamptz[],
    e_request int[], e_category text[], e_stream uuid[], e_version bigint[], e_id uuid[], e_type text[], e_schema smallint[],
    e_at timestamptz[], e_actor text[], e_concerns text[], e_correlation uuid[], e_causation uuid[], e_payload text[],
    g_request int[], g_category text[], g_stream uuid[], g_version bigint[],
    k_request int[], k_key bytea[], k_body bytea[],
    m_request int[], m_policy text[], m_position bigint[], m_number int[]
) returns table (verdict smallint, last_version bigint, last_position bigint, last_at timestamptz,
                 receipt_stream uuid, receipt_body bytea, receipt_created boolean)
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    asked    constant timestamptz := statement_timestamp();
    head     bigint;
    stamp    timestamptz;
    clock    timestamptz;
    sample   boolean;
    verdicts smallint[];
    wrong    record;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'log.append needs READ COMMITTED' using errcode = 'invalid_transaction_state';
    end if;
    -- A statement of its own: the next one sees what the previous holder committed.
    lock table log.gate in exclusive mode;
    select e.position, e.recorded_at into head, stamp from log.event e order by e.position desc limit 1;
    clock := clock_timestamp();
    select greatest(s.floor, stamp), s.kind = 'sample' into stamp, sample from log.store s;
    head := coalesce(head, 0);

    verdicts := array(
        select case
            when coalesce((select e.version from log.event e where e.category = r.category and e.stream_id = r.stream
                           order by e.version desc limit 1), 0) = r.expected then 0::smallint
            when (select e.event_id from log.event e where e.category = r.category and e.stream_id = r.stream
                  and e.version = r.expected + 1) = r.first then 6::smallint
            else 1::smallint end
        from unnest(r_category, r_stream, r_expected, r_first) with ordinality r(category, stream, expected, first, number)
        order by r.number);
    for wrong in
        select distinct g.request from unnest(g_request, g_category, g_stream, g_version) g(request, category, stream, version)
        where coalesce((select e.version from log.event e where e.category = g.category and e.stream_id = g.stream
                        order by e.version desc limit 1), 0) <> g.version
    loop
        if verdicts[wrong.request] = 0 then verdicts[wrong.request] := 1; end if;
    end loop;
    for wrong in
        select m.request from unnest(m_request, m_policy, m_position, m_number) m(request, policy, position, number)
        where (select (o.position, o.number) >= (m.position, m.number) from log.mark o where o.policy = m.policy)
    loop
        if verdicts[wrong.request] <> 6 then verdicts[wrong.request] := 3; end if;
    end loop;
    for wrong in
        select k.request from unnest(k_request, k_key) k(request, key)
        where (select true from log.receipt o where o.key = k.key)
    loop
        if verdicts[wrong.request] <> 6 then verdicts[wrong.request] := 2; end if;
    end loop;
    for wrong in
        select r.number from unnest(r_at) with ordinality r(at, number)
        where r.at is not null and (not sample or r.at > clock)
    loop
        if verdicts[wrong.number] in (0, 1) then verdicts[wrong.number] := 4; end if;
    end loop;
    if caller_clock not between asked - interval '1 minute' and asked + interval '1 minute' then
        verdicts := array(select case when v in (0, 1) then 5::smallint else v end
                          from unnest(verdicts) with ordinality u(v, number) order by number);
    end if;

    insert into log.event
    select s.position, s.category, s.stream, s.version, s.id, s.type, s.schema, s.at, s.actor, s.concerns, s.correlation,
           s.causation, s.payload::json,
           sha256('\x0001'::bytea || log.hashed(int8send(s.position)) || log.hashed(convert_to(s.category, 'UTF8'))
               || log.hashed(uuid_send(s.stream)) || log.hashed(int8send(s.version)) || log.hashed(uuid_send(s.id))
               || log.hashed(convert_to(s.type, 'UTF8')) || log.hashed(int8send(s.schema::bigint))
               || log.hashed(int8send(log.micros(s.at))) || log.hashed(convert_to(s.actor, 'UTF8'))
               || log.hashed(decode(replace(array_to_string(s.concerns, ''), '-', ''), 'hex'))
               || log.hashed(uuid_send(s.correlation)) || log.hashed(uuid_send(s.causation))
               || log.hashed(convert_to(s.payload, 'UTF8')))
    from (
        select head + row_number() over in_order as position, e.category, e.stream, e.version, e.id, e.type, e.schema,
               greatest(stamp, max(coalesce(e.at, clock)) over in_order) as at,
               e.actor, e.concerns::uuid[] as concerns, e.correlation, e.causation, e.payload
        from unnest(e_request, e_category, e_stream, e_version, e_id, e_type, e_schema, e_at, e_actor, e_concerns,
                    e_correlation, e_causation, e_payload) with ordinality
             e(request, category, stream, version, id, type, schema, at, actor, concerns, correlation, causation, payload, number)
        where verdicts[e.request] = 0
        window in_order as (order by e.number)
        -- Kept apart, so that the leaf does not compute the columns again.
        offset 0
    ) s;

    if cardinality(k_request) > 0 then
        insert into log.receipt
        select k.key, k.body, r_stream[k.request], r_expected[k.request] + r_events[k.request],
               coalesce((select e.position from log.event e where e.category = r_category[k.request]
                         and e.stream_id = r_stream[k.request]
                         and e.version = r_expected[k.request] + r_events[k.request]), 0),
               r_expected[k.request] = 0 and r_events[k.request] > 0, clock
        from unnest(k_request, k_key, k_body) k(request, key, body)
        where verdicts[k.request] = 0;
    end if;
    if cardinality(m_request) > 0 then
        insert into log.mark
        select m.policy, m.position, m.number from unnest(m_request, m_policy, m_position, m_number) m(request, policy, position, number)
        where verdicts[m.request] = 0
        on conflict (policy) do update set position = excluded.position, number = excluded.number;
    end if;

    return query
    select verdicts[r.number],
           coalesce(q.version, r.expected + r.events), coalesce(q.position, e.position), e.recorded_at,
           q.stream_id, q.body, q.created
    from unnest(r_category, r_stream, r_expected, r_events) with ordinality r(category, stream, expected, events, number)
    left join lateral (select o.position, o.recorded_at from log.event o
        where verdicts[r.number] in (0, 6) and o.category = r.category and o.stream_id = r.stream
        and o.version = r.expected + r.events) e on true
    left join lateral (select o.* from unnest(k_request, k_key) k(request, key) join log.receipt o on o.key = k.key
        where verdicts[r.number] = 2 and k.request = r.number) q on true
    order by r.number;
end $$;
