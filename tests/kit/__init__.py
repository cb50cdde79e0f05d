"""What tests share: desks on real records, invented families, real servers, faults."""
