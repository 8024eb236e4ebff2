-- What a policy asked for and a rule refused: it is not tried again, so somebody has to look at it.
create table log.refusal (
    number     bigint      generated always as identity primary key,
    policy     text        not null,
    -- The event it was to answer, and the how-manieth of the commands that answer it.
    position   bigint      not null,
    command_no integer     not null,
    refused_at timestamptz not null,
    module     text        not null,
    -- The thing the command was for; none if it was to make one.
    thing_id   uuid,
    command    text        not null,
    code       text        not null,
    message    text        not null,
    unique (policy, position, command_no)
);

create trigger never_changed before update or delete or truncate on log.refusal
    for each statement execute function log.refuse_change();
alter table log.refusal enable always trigger never_changed;

-- Notes a refusal and moves the policy's mark over the command; false where the mark is there already.
create function log.note_refusal(
    policy text, "position" bigint, command_no integer, module text, thing_id uuid, command text, code text, message text)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    lock table log.gate in exclusive mode;
    update log.mark m set position = $2, number = $3
        where m.policy = $1 and (m.position, m.number) < ($2, $3);
    if not found then
        return false;
    end if;
    insert into log.refusal (policy, position, command_no, refused_at, module, thing_id, command, code, message)
        values ($1, $2, $3, clock_timestamp(), $4, $5, $6, $7, $8);
    return true;
end $$;

revoke all on function log.note_refusal from public;
