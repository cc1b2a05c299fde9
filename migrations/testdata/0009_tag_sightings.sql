-- A tag that moved to another image and back.
insert into repositories (name, registry, first_seen, tried_at, listed_at, tags)
values ('registry.example/web', 'registry.example', '2026-11-02 00:00:00+00', '2026-11-02 03:00:00+00', '2026-11-02 03:00:00+00', 1);
insert into tag_sightings (repository, tag, digest, first_seen, last_seen, ended_at, seen_by, seq)
select r.id, 'main', t.digest, t.first_seen, t.last_seen, t.ended_at, 'poll', 4
  from repositories r
     , (values ('sha256:a', '2026-11-02 00:00:00+00'::timestamptz, '2026-11-02 00:30:00+00'::timestamptz, '2026-11-02 01:00:00+00'::timestamptz)
             , ('sha256:b', '2026-11-02 01:00:00+00', '2026-11-02 01:30:00+00', '2026-11-02 02:00:00+00')
             , ('sha256:a', '2026-11-02 02:00:00+00', '2026-11-02 03:00:00+00', null)) as t (digest, first_seen, last_seen, ended_at);
insert into digests (digest, media_type, labels, described_at) values ('sha256:a', 'application/vnd.oci.image.index.v1+json', '[]', '2026-11-02 00:00:00+00');
insert into digest_children (parent, child, platform) values ('sha256:a', 'sha256:c', '{"os":"linux","architecture":"amd64"}');
