drop table identity.openid_flows;
drop table identity.openid_identities;
