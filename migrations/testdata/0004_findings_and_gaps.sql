-- A finding that goes on, one that ended, one gap.
insert into findings (id, rule, severity, subject_kind, subject_name, service, environment, since, opened_at, until, opened
                    , open, body, seq)
select id, 'degraded', 'critical', 'environment', 'web', 'web', 'production', '2026-11-01 00:00:00+00'
     , '2026-11-01 00:02:00+00', until, true, until is null
     , jsonb_build_object('id', id, 'rule', 'degraded', 'severity', 'critical'
         , 'subject', '{"kind":"environment","name":"web"}'::jsonb, 'service', 'web', 'environment', 'production'
         , 'environment_id', 'main:argocd/web', 'since', '2026-11-01T00:00:00Z', 'opened_at', '2026-11-01T00:02:00Z'
         , 'until', until, 'summary', 's', 'proof', '[]'::jsonb, 'way_out', 'w', 'link', null), 4
  from (values ('open', null), ('over', '2026-11-01 00:10:00+00'::timestamptz)) as t (id, until);
insert into gaps (id, from_at, until_at, lost, why, seq)
values ('00000000-0000-0000-0000-000000000009', '2026-11-01 00:00:00+00', '2026-11-01 01:00:00+00', 5, 'away', 4);
