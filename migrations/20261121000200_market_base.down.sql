drop schema market cascade;
