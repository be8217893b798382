-- The role that servers connect as: it can add rows, and change those that are no facts. It can
-- delete nothing and change no table, so a migration is the owner's business.
--
-- Run it in Vostro's database as the owner of the database and of its tables, again after each
-- migration. Give the role its password, or its line in pg_hba.conf, yourself. Of a role that is
-- there already, memberships and attributes stay as they are.
do $$
begin
    if not exists (select from pg_roles where rolname = 'vostro_server') then
        create role "vostro_server" login;
    end if;
    execute format('revoke temporary on database %I from public', current_database());
    execute format('revoke all on database %I from "vostro_server"', current_database());
    execute format('grant connect on database %I to "vostro_server"', current_database());
    execute format('revoke create on schema %I from public', current_schema());
    execute format('revoke all on schema %I from "vostro_server"', current_schema());
    execute format('grant usage on schema %I to "vostro_server"', current_schema());
end
$$;

revoke all on
    schema_version, program, directory, wrapped_key, settings, credential,
    signature_key, rate, cardholder, blind_index, sub_account, account, hold, endpoint, delivery, lease,
    counter, reference, instruction, transfer, entry, event
from public, "vostro_server";

grant select on schema_version to "vostro_server";

-- Everything is read and added to.
grant select, insert on
    program, directory, wrapped_key, settings, credential, signature_key, rate, cardholder,
    blind_index, sub_account, account, hold, endpoint, delivery, lease, counter, reference,
    instruction, transfer, entry, event
to "vostro_server";

-- Changing a row, and locking it against changes. Facts (reference, instruction, transfer, entry and
-- event) are not among these.
grant update on
    program, directory, wrapped_key, settings, credential, signature_key, rate, cardholder,
    blind_index, sub_account, account, hold, endpoint, delivery, lease, counter
to "vostro_server";
