"""People, organisation, roles, leave, calendar and the identity vault."""
