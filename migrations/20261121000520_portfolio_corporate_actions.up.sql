-- Which transaction applies which corporate action, and which ones a person does not want.
alter table portfolio.transactions
    add column corporate_action_id uuid references market.corporate_actions on delete restrict,
    -- The terms that were applied: a later correction of the action is noticed by it.
    add column corporate_action_terms integer,
    add constraint transactions_corporate_action_check
        check ((corporate_action_id is null) = (corporate_action_terms is null));
-- Applied once, also by two requests at the same time.
create unique index transactions_corporate_action_key
    on portfolio.transactions (user_id, portfolio_id, corporate_action_id)
    where corporate_action_id is not null;
create index transactions_corporate_action_reference_idx
    on portfolio.transactions (corporate_action_id) where corporate_action_id is not null;

create table portfolio.corporate_action_decisions (
    user_id uuid not null references identity.users on delete cascade,
    portfolio_id uuid not null,
    corporate_action_id uuid not null references market.corporate_actions on delete cascade,
    created_at timestamptz not null default now(),
    primary key (user_id, portfolio_id, corporate_action_id),
    foreign key (user_id, portfolio_id) references portfolio.portfolios on delete cascade
);
create index corporate_action_decisions_action_idx
    on portfolio.corporate_action_decisions (corporate_action_id);
alter table portfolio.corporate_action_decisions enable row level security;
alter table portfolio.corporate_action_decisions force row level security;
create policy corporate_action_decisions_owner on portfolio.corporate_action_decisions to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy corporate_action_decisions_system on portfolio.corporate_action_decisions to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.corporate_action_decisions to bursar_user, bursar_system;
