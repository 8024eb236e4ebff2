-- The one door into the log.

-- Microseconds since 1970 in UTC.
create function log.micros(moment timestamptz) returns bigint language sql immutable parallel safe
return (extract(epoch from moment) * 1000000)::bigint;

-- What is done about each request of a call:
-- 0 accepted, 1 conflict, 2 its key was used before, 3 its mark was passed before, 4 a time it may not have,
-- 5 the caller's clock is wrong, 6 accepted by an earlier call whose answer was lost.
--
-- r_… one element per request; its events stand in e_… in the order of the requests, e_request names it, counted from 1;
-- keys and marks likewise. A guard stands once however many requests need it: g_requests names them, as an array's text, for
-- arrays of arrays lose their inner bounds. The requests of one call are independent: no two write one stream, none guards
-- a stream that another writes, no two carry one key or a mark of one policy.
create function log.append(
    caller_clock timestamptz,
    r_category text[], r_stream uuid[], r_expected bigint[], r_events int[], r_first uuid[], r_at timestamptz[],
    e_request int[], e_category text[], e_stream uuid[], e_version bigint[], e_id uuid[], e_type text[], e_schema smallint[],
    e_at timestamptz[], e_actor text[], e_concerns text[], e_correlation uuid[], e_causation uuid[], e_payload text[],
    g_requests text[], g_category text[], g_stream uuid[], g_version bigint[],
    k_request int[], k_key bytea[], k_body bytea[],
    m_request int[], m_policy text[], m_position bigint[], m_number int[]
) returns table (verdict smallint, last_version bigint, last_position bigint, last_at timestamptz,
                 receipt_stream uuid, receipt_body bytea, receipt_created boolean)
language plpgsql volatile security definer set search_path = pg_catalog set plan_cache_mode = force_generic_plan as $$
declare
    asked     constant timestamptz := statement_timestamp();
    head      bigint;
    stamp     timestamptz;
    clock     timestamptz;
    sample    boolean;
    skewed    boolean;
    -- Null as long as every request is accepted, which is the rule: then nobody pays for the exceptions.
    verdicts  smallint[];
    -- The places of the accepted events among each other; null as `verdicts`.
    places    int[];
    -- The time of each event; null where all have one.
    times     timestamptz[];
    -- Where the last event of each request stands, or that of its stream where the request has none.
    positions bigint[];
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
    skewed := caller_clock not between asked - interval '1 minute' and asked + interval '1 minute';

    if skewed
        or exists (select from unnest(r_category, r_stream, r_expected) r(category, stream, expected)
            where coalesce((select e.version from log.event e where e.category = r.category and e.stream_id = r.stream
                            order by e.version desc limit 1), 0) <> r.expected)
        or exists (select from unnest(g_category, g_stream, g_version) g(category, stream, version)
            where coalesce((select e.version from log.event e where e.category = g.category and e.stream_id = g.stream
                            order by e.version desc limit 1), 0) <> g.version)
        or exists (select from unnest(k_key) k(key) where (select true from log.receipt o where o.key = k.key))
        or exists (select from unnest(m_policy, m_position, m_number) m(policy, position, number)
            where (select (o.position, o.number) >= (m.position, m.number) from log.mark o where o.policy = m.policy))
        or exists (select from unnest(r_at) r(at) where not sample and r.at is not null or r.at > clock)
    then
        verdicts := array(
            select case
                when (select e.event_id from log.event e where e.category = r.category and e.stream_id = r.stream
                      and e.version = r.expected + 1) = r.first then 6
                when r.number in (select k.request from unnest(k_request, k_key) k(request, key)
                    where (select true from log.receipt o where o.key = k.key)) then 2
                when r.number in (select m.request
                    from unnest(m_request, m_policy, m_position, m_number) m(request, policy, position, number)
                    where (select (o.position, o.number) >= (m.position, m.number) from log.mark o
                           where o.policy = m.policy)) then 3
                when not sample and r.at is not null or r.at > clock then 4
                when skewed then 5
                when coalesce((select e.version from log.event e where e.category = r.category and e.stream_id = r.stream
                               order by e.version desc limit 1), 0) <> r.expected then 1
                when r.number in (select u.request
                    from unnest(g_requests, g_category, g_stream, g_version) g(requests, category, stream, version),
                         unnest(g.requests::int[]) u(request)
                    where coalesce((select e.version from log.event e where e.category = g.category
                                    and e.stream_id = g.stream order by e.version desc limit 1), 0) <> g.version) then 1
                else 0 end
            from unnest(r_category, r_stream, r_expected, r_first, r_at) with ordinality
                 r(category, stream, expected, first, at, number)
            order by r.number);
        places := array(
            select count(*) filter (where verdicts[e.request] = 0) over (order by e.number)
            from unnest(e_request) with ordinality e(request, number) order by e.number);
    end if;
    if sample and exists (select from unnest(r_at) r(at) where r.at is not null) then
        times := array(
            select greatest(stamp, max(coalesce(e.at, clock)) filter (where verdicts is null or verdicts[e.request] = 0)
                                   over (order by e.number))
            from unnest(e_request, e_at) with ordinality e(request, at, number) order by e.number);
    end if;
    stamp := greatest(stamp, clock);

    insert into log.event
    select s.position, s.category, s.stream, s.version, s.id, s.type, s.schema, s.at, s.actor, s.concerns, s.correlation,
           s.causation, s.payload::json,
           -- Each column's length in four bytes and its bytes; null has the length 0xFFFFFFFF. Written out, not through a
           -- function of its own: one that is not inlined costs a microsecond a column.
           sha256('\x0001' || '\x00000008'::bytea || int8send(s.position)
               || int4send(octet_length(s.category)) || convert_to(s.category, 'UTF8')
               || '\x00000010' || uuid_send(s.stream)
               || '\x00000008' || int8send(s.version)
               || '\x00000010' || uuid_send(s.id)
               || int4send(octet_length(s.type)) || convert_to(s.type, 'UTF8')
               || '\x00000008' || int8send(s.schema::bigint)
               || '\x00000008' || int8send(log.micros(s.at))
               || int4send(octet_length(s.actor)) || convert_to(s.actor, 'UTF8')
               || case cardinality(s.concerns)
                      when 0 then '\x00000000'
                      when 1 then '\x00000010' || uuid_send(s.concerns[1])
                      else int4send(16 * cardinality(s.concerns))
                          || decode(replace(array_to_string(s.concerns, ''), '-', ''), 'hex') end
               || '\x00000010' || uuid_send(s.correlation)
               || coalesce('\x00000010' || uuid_send(s.causation), '\xffffffff')
               || int4send(octet_length(s.payload)) || convert_to(s.payload, 'UTF8'))
    from (
        select head + coalesce(places[e.number], e.number) as position, e.category, e.stream, e.version, e.id, e.type,
               e.schema, coalesce(times[e.number], stamp) as at, e.actor, e.concerns::uuid[] as concerns, e.correlation,
               e.causation, e.payload
        from unnest(e_request, e_category, e_stream, e_version, e_id, e_type, e_schema, e_actor, e_concerns,
                    e_correlation, e_causation, e_payload) with ordinality
             e(request, category, stream, version, id, type, schema, actor, concerns, correlation, causation, payload, number)
        where verdicts is null or verdicts[e.request] = 0
        -- Kept apart, so that the leaf does not compute the columns again.
        offset 0
    ) s;

    positions := array(
        select case
            when coalesce(verdicts[r.number], 0) = 0 and r.events > 0
                then head + sum(r.events) filter (where coalesce(verdicts[r.number], 0) = 0) over (order by r.number)
            when coalesce(verdicts[r.number], 0) in (0, 6)
                then (select e.position from log.event e where e.category = r.category and e.stream_id = r.stream
                      and e.version = r.expected + r.events) end
        from unnest(r_category, r_stream, r_expected, r_events) with ordinality r(category, stream, expected, events, number)
        order by r.number);
    if cardinality(k_request) > 0 then
        insert into log.receipt
        select k.key, k.body, r_stream[k.request], r_expected[k.request] + r_events[k.request],
               coalesce(positions[k.request], 0), r_expected[k.request] = 0 and r_events[k.request] > 0, clock
        from unnest(k_request, k_key, k_body) k(request, key, body)
        where coalesce(verdicts[k.request], 0) = 0;
    end if;
    if cardinality(m_request) > 0 then
        insert into log.mark
        select m.policy, m.position, m.number from unnest(m_request, m_policy, m_position, m_number) m(request, policy, position, number)
        where coalesce(verdicts[m.request], 0) = 0
        on conflict (policy) do update set position = excluded.position, number = excluded.number;
    end if;

    return query
    select r.verdict::smallint, coalesce(q.version, r.expected + r.events), coalesce(q.position, r.position),
           case when r.position > head then coalesce(times[r.sent], stamp)
               else (select e.recorded_at from log.event e where e.position = r.position) end,
           q.stream_id, q.body, q.created
    from (select coalesce(verdicts[u.number], 0) as verdict, u.expected, u.events, u.position, u.number,
                 sum(u.events) over (order by u.number) as sent
          from unnest(r_expected, r_events, positions) with ordinality u(expected, events, position, number)) r
    left join unnest(k_request, k_key) k(request, key) on r.verdict = 2 and k.request = r.number
    -- By its index, however many there are by now: a plan made while they were few would read them all.
    left join lateral (select o.* from log.receipt o where o.key = k.key limit 1) q on true
    order by r.number;
end $$;
