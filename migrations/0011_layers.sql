-- Which layers an image has, so that two images can be compared without asking the registry again: what a release really
-- changes is often one layer of ten.
--
-- A layer is kept as the first sixteen digits of its digest and its bytes, `0123456789abcdef:12345`: enough to tell layers
-- of one repository apart, and a quarter of the room. What was read before this has none, which is not the same as an
-- empty list.

set local lock_timeout = '3s';

alter table digests add column layers text[];

comment on column digests.layers is 'Layers from the bottom up, as digits:bytes; null where they were not read.';
