"""Values of the field: frozen, slotted, standard library only."""
