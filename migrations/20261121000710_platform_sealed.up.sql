-- Values that are stored encrypted. The type is the list of them: whoever changes the key asks the
-- catalogue for the columns of this type, so that none can be forgotten.
-- Layout: version 1, four bytes of key id, 24 bytes of nonce, ciphertext, 16 bytes of tag.
create domain platform.sealed as bytea
    constraint sealed_check check (octet_length(value) >= 45 and get_byte(value, 0) = 1);
grant usage on domain platform.sealed to bursar_user, bursar_system;
