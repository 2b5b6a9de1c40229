-- The first steps of a person, which can be left and resumed; what they agreed to and when; and every
-- time they answered the questions about risk.
create table identity.onboarding (
    user_id uuid not null,
    -- Where the person is.
    current_step text not null default 'welcome',
    completed_steps text[] not null default '{}',
    skipped_steps text[] not null default '{}',
    experience text,
    horizon text,
    tax_residency text,
    started_at timestamptz not null,
    last_active_at timestamptz not null,
    completed_at timestamptz,
    -- The card on the dashboard was sent away.
    dismissed_at timestamptz,
    constraint onboarding_pkey primary key (user_id),
    constraint onboarding_current_step_check check (
        current_step in ('welcome', 'experience', 'risk', 'horizon', 'profile', 'tax', 'legal')),
    constraint onboarding_completed_steps_check check (
        completed_steps <@ array['welcome', 'experience', 'risk', 'horizon', 'profile', 'tax', 'legal']),
    constraint onboarding_skipped_steps_check check (
        skipped_steps <@ array['experience', 'risk', 'horizon', 'profile', 'tax']
        and not skipped_steps && completed_steps),
    constraint onboarding_experience_check check (
        experience in ('none', 'beginner', 'intermediate', 'advanced', 'professional')),
    constraint onboarding_horizon_check check (horizon in ('short_term', 'medium_term', 'long_term')),
    constraint onboarding_tax_residency_check check (tax_residency ~ '^[A-Z]{2}$'),
    constraint onboarding_user_id_fkey
        foreign key (user_id) references identity.users (id) on delete cascade
);
alter table identity.onboarding enable row level security;
alter table identity.onboarding force row level security;
create policy onboarding_owner on identity.onboarding to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy onboarding_system on identity.onboarding to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.onboarding to bursar_user, bursar_system;

-- A text that a person agreed to, in the version they saw. Nobody changes or deletes a line but by
-- closing the account.
create table identity.consents (
    user_id uuid not null,
    document text not null,
    version text not null,
    accepted_at timestamptz not null,
    constraint consents_pkey primary key (user_id, document, version),
    constraint consents_document_check check (document in ('terms', 'privacy', 'risk')),
    constraint consents_version_check check (version ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
    constraint consents_user_id_fkey foreign key (user_id) references identity.users (id) on delete cascade
);
alter table identity.consents enable row level security;
alter table identity.consents force row level security;
create policy consents_owner on identity.consents to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy consents_system on identity.consents to bursar_system using (true) with check (true);
grant select, insert on identity.consents to bursar_user;
grant select, insert, update, delete on identity.consents to bursar_system;

-- The five answers, the score they make, and the profile that follows. The newest line counts.
create table identity.risk_assessments (
    user_id uuid not null,
    id uuid not null,
    answers smallint[] not null,
    score smallint not null,
    tolerance text not null,
    profile text not null,
    taken_at timestamptz not null,
    constraint risk_assessments_pkey primary key (user_id, id),
    constraint risk_assessments_answers_check check (
        cardinality(answers) = 5 and array_position(answers, null) is null
        and 1 <= all (answers) and 5 >= all (answers)),
    constraint risk_assessments_score_check check (score between 5 and 25),
    constraint risk_assessments_tolerance_check check (
        tolerance in ('very_low', 'low', 'moderate', 'high', 'very_high')),
    constraint risk_assessments_profile_check check (
        profile = case when tolerance in ('very_low', 'low') then 'conservative'
                       when tolerance = 'moderate' then 'moderate'
                       else 'aggressive' end),
    constraint risk_assessments_user_id_fkey
        foreign key (user_id) references identity.users (id) on delete cascade
);
alter table identity.risk_assessments enable row level security;
alter table identity.risk_assessments force row level security;
create policy risk_assessments_owner on identity.risk_assessments to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy risk_assessments_system on identity.risk_assessments to bursar_system
    using (true) with check (true);
grant select, insert on identity.risk_assessments to bursar_user;
grant select, insert, update, delete on identity.risk_assessments to bursar_system;
