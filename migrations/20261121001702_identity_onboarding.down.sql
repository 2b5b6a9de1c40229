drop table identity.risk_assessments;
drop table identity.consents;
drop table identity.onboarding;
