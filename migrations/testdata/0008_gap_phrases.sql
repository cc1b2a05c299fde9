-- A reason with its parts.
insert into gaps (id, from_at, until_at, lost, why, phrase, seq)
values ('00000000-0000-0000-0000-000000000008', '2026-11-03 00:00:00+00', '2026-11-03 00:05:00+00', 0
      , 'nobody was watching: what came and went in between is not known', '{"id": "nobody-watched"}', 6);
