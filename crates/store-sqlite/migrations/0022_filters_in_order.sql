-- Filters follow the order of ids from here on. Those that were written are of another form, so the
-- runs of references go, and the next opening writes them anew from the rows.
delete from run_filter;
delete from run_block where run in (select number from run where kind = 0);
delete from run where kind = 0;
