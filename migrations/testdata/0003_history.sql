-- Two months of history.
select landfall_add_month('2026-10-15 00:00:00+00');
select landfall_add_month('2026-11-02 00:00:00+00');
insert into transitions (id, seq, at, noticed_at, service, environment, entity, kind, was, now, detail, bad, source, subject)
values ('00000000-0000-0000-0000-000000000001', 1, '2026-10-15 00:00:00+00', '2026-10-15 00:00:01+00', 'web', 'production'
      , 'main:argocd/web', 'sync', '"Synced"', '"OutOfSync"', null, true, 'argocd/main', 'Application argocd/web')
     , ('00000000-0000-0000-0000-000000000002', 4, '2026-11-02 00:00:00+00', '2026-11-02 00:00:01+00', null, null
      , 'cluster/prod', 'source', '"ok"', '"stale"', 'silent', true, 'cluster/prod', 'source');
insert into transition_seen (id, keep_until) select id, noticed_at + interval '7 days' from transitions;
insert into entities (id, first_at, gone_at) values ('main:argocd/web', '2026-10-15 00:00:00+00', null);
insert into keyframes (month) values ('2026-10-01 00:00:00+00'), ('2026-11-01 00:00:00+00');
insert into frames (entity, at, seq, keyframe, view)
select 'main:argocd/web', at, 1, keyframe, '{"id":"main:argocd/web","service":"web","name":"production","preview":false
   ,"mapped_by":"label","instance":"main","application":"argocd/web","project":"default","state":"healthy"
   ,"since_exact":true,"compared":[],"deployed":[],"manifests":[],"finalizers":[],"conditions":[],"workloads":[]
   ,"other_images":[],"urls":[],"objects":1,"objects_out_of_sync":0,"sources":["argocd/main"]}'
  from (values ('2026-10-15 00:00:00+00'::timestamptz, false), ('2026-11-01 00:00:00+00', true)) as t (at, keyframe);
