"""Who gets in: sessions, keys, sign-in services, and what refuses everybody else."""

OWNER = "casewright"
