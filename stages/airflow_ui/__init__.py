"""What Airflow's UI is given besides the DAGs: pages behind its login, and the links of a portal's task."""
