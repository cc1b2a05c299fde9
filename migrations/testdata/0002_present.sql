-- One object that lives, one that is gone, one source.
insert into observations (source, kind, namespace, name, uid, version_epoch, version_resource, noticed_at, body, seq)
values ('cluster/prod', 'Namespace', '', 'web', 'u', 1, 7, '2026-11-02 00:00:00+00'
      , '{"is":"Namespace","of":{"created":null,"deleting_since":null,"labels":[["env","production"]]}}', 2)
     , ('cluster/prod', 'Namespace', '', 'old', 'u', 1, 7, '2026-11-02 00:00:00+00', null, 3);
insert into sources (name, view, last_success, seq)
values ('cluster/prod'
      , '{"name":"cluster/prod","kind":"kubernetes","state":"ok","since":null,"last_success":null,"error":null,"objects":2,"unreadable":0,"columns":[]}'
      , '2026-11-02 00:00:00+00', 4);
insert into source_history (name, at, seq, view) select name, last_success, seq, view from sources;
