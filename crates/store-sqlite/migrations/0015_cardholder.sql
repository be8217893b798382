-- Who a cardholder is, sealed, and the blind keys of it.
alter table cardholder add column sealed_identity blob;
alter table cardholder add column phone_key blob;
alter table cardholder add column document_key blob;
