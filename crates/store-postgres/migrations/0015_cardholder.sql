-- Who a cardholder is, sealed, and the blind keys of it.
alter table cardholder add column sealed_identity bytea;
alter table cardholder add column phone_key uuid;
alter table cardholder add column document_key uuid;
