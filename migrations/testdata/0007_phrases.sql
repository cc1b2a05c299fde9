-- A sentence with its parts.
insert into transitions (id, seq, at, noticed_at, service, environment, entity, kind, was, now, detail, bad, source, subject, phrase)
values ('00000000-0000-0000-0000-000000000003', 5, '2026-11-02 00:01:00+00', '2026-11-02 00:01:01+00', 'web', 'production'
      , 'main:argocd/web', 'operation', 'null', '"Running"', 'by bot', false, 'argocd/main', 'Application argocd/web'
      , '{"id": "by", "args": {"who": "bot"}}');
