drop table identity.provider_keys;
drop table identity.tax_ids;
drop table identity.phones;
