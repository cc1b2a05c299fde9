-- A leader in office.
insert into lease (name, holder, epoch, acquired_at, expires_at) values ('landfall', 'a', 3, now(), now() + interval '15 seconds');
update head set seq = 4, at = '2026-11-02 00:00:00+00', revision = 9;
