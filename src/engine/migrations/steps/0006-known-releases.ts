import type { Migration } from '../migration.ts';

export const knownReleases: Migration = {
  number: 6,
  name: 'known-releases',
  sql: `
    -- What a rollback may return to: the commits that were in production, by version.
    create table slipway.releases (
      seq bigint generated always as identity unique,
      service text not null,
      version text not null,
      tag text not null,
      commit text not null,
      build json,
      how text not null check (how in ('shipped', 'live-before', 'adopted')),
      promotion_id text references slipway.promotions,
      by text,
      at timestamptz not null,
      primary key (service, version, commit),
      check ((how = 'adopted') = (by is not null))
    );

    -- Commits that Slipway made: release commits with their version, and records without.
    create table slipway.own_commits (
      sha text primary key,
      version text,
      promotion_id text not null references slipway.promotions,
      at timestamptz not null
    );

    -- From the promotions until now; texts with a NUL cannot be looked into.
    insert into slipway.releases (service, version, tag, commit, build, how, promotion_id, at)
      select service, data->'release'->>'version', data->'release'->>'tag', data->'release'->>'commit',
             data->'release'->'build', 'shipped', id, updated_at
      from slipway.promotions
      where data::text not like '%\\u0000%'
        and data->'release' is not null and data->'deployment' is not null
      order by seq
      on conflict do nothing;
    insert into slipway.releases (service, version, tag, commit, build, how, promotion_id, at)
      select service, data->'plan'->'rollbackTo'->>'version', data->'plan'->'rollbackTo'->>'tag',
             data->'plan'->'rollbackTo'->>'commit', data->'plan'->'rollbackTo'->'build', 'live-before', id, created_at
      from slipway.promotions
      where data::text not like '%\\u0000%'
        and data->'deployment' is not null
        and data->'plan'->'rollbackTo'->>'tag' <> '' and data->'plan'->'rollbackTo'->>'commit' <> ''
      order by seq
      on conflict do nothing;
    insert into slipway.own_commits (sha, version, promotion_id, at)
      select data->'release'->>'commit', data->'release'->>'version', id, updated_at
      from slipway.promotions
      where data::text not like '%\\u0000%'
        and data->'release' is not null and data->'plan'->'release'->>'kind' = 'cut'
      order by seq
      on conflict do nothing;
  `,
};
