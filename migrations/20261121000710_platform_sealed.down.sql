drop domain platform.sealed;
