insert into pulls (id, repository, number, first_at, gone_at) values
  ('acme/shop#7', 'acme/shop', 7, '2026-11-24T05:00:00Z', null)
, ('main:argocd/lost', null, null, '2026-11-24T05:00:00Z', '2026-11-24T06:00:00Z');
insert into preview_steps (id, pull, repository, service, environment, commit, step, at, took_ms, in_all_ms, exact, stuck) values
  ('00000000-0000-0000-0000-000000000b01', 'acme/shop#7', 'acme/shop', 'shop', 'pr-7', 'e41c07d', 'healthy', '2026-11-24T05:10:00Z', 90000, 600000, true, false)
, ('00000000-0000-0000-0000-000000000b02', 'acme/shop#7', 'acme/shop', 'shop', 'pr-7', 'e41c07d', 'picked', '2026-11-24T05:05:00Z', null, null, false, true);
