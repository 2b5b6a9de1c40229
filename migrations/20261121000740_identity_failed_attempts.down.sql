drop table identity.failed_attempts;
