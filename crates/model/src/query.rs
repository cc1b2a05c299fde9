//! Filter, facets, sort, paging.
