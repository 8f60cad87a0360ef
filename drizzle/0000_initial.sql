CREATE TABLE `authenticator` (
	`subject_id` integer NOT NULL,
	`id` text NOT NULL,
	`state` text NOT NULL,
	`name` text NOT NULL,
	`sealed` text NOT NULL,
	`key_id` text NOT NULL,
	`algorithm` text NOT NULL,
	`digits` integer NOT NULL,
	`step_seconds` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`generation` integer,
	`attempts` text DEFAULT '[]' NOT NULL,
	`last_step` integer,
	`last_used_at` integer,
	PRIMARY KEY(`subject_id`, `id`),
	CONSTRAINT "authenticator_state" CHECK(state IN ('pending', 'active'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `authenticator_pending` ON `authenticator` (`subject_id`) WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX `authenticator_expiry` ON `authenticator` (`expires_at`) WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX `authenticator_key` ON `authenticator` (`key_id`);--> statement-breakpoint
CREATE TABLE `backup_code` (
	`subject_id` integer NOT NULL,
	`hash` text NOT NULL,
	`key_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`used_at` integer,
	`voided_at` integer,
	PRIMARY KEY(`subject_id`, `hash`)
);
--> statement-breakpoint
CREATE INDEX `backup_code_key` ON `backup_code` (`key_id`) WHERE used_at IS NULL AND voided_at IS NULL;--> statement-breakpoint
CREATE TABLE `event` (
	`subject_id` integer NOT NULL,
	`sequence` integer NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`at` integer NOT NULL,
	`authenticator_id` text,
	`factor` text,
	`request_id` text NOT NULL,
	`country` text,
	`administrator` text,
	`reason` text,
	PRIMARY KEY(`subject_id`, `sequence`)
);
--> statement-breakpoint
CREATE INDEX `event_at` ON `event` (`at`);--> statement-breakpoint
CREATE TABLE `key_use` (
	`key_id` text NOT NULL,
	`subject_id` integer NOT NULL,
	PRIMARY KEY(`key_id`, `subject_id`)
);
--> statement-breakpoint
CREATE TABLE `outbox` (
	`event_id` text PRIMARY KEY NOT NULL,
	`subject_id` integer NOT NULL,
	`sequence` integer NOT NULL,
	`created_at` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_at` integer,
	`lease` text
);
--> statement-breakpoint
CREATE INDEX `outbox_next` ON `outbox` (`next_at`);--> statement-breakpoint
CREATE TABLE `subject` (
	`id` integer PRIMARY KEY NOT NULL,
	`issuer` text NOT NULL,
	`sub` text NOT NULL,
	`created_at` integer NOT NULL,
	`enabled_at` integer,
	`generation` integer DEFAULT 0 NOT NULL,
	`event_sequence` integer DEFAULT 0 NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`retry_at` integer,
	`unlocked_at` integer,
	`claim` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `subject_issuer_sub` ON `subject` (`issuer`,`sub`);--> statement-breakpoint
CREATE TABLE `verify_repeat` (
	`subject_id` integer PRIMARY KEY NOT NULL,
	`sealed` text NOT NULL,
	`mark` text NOT NULL,
	`expires_at` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `verify_repeat_expiry` ON `verify_repeat` (`expires_at`);--> statement-breakpoint
CREATE TABLE `webhook_pause` (
	`id` integer PRIMARY KEY NOT NULL,
	`paused_at` integer NOT NULL
);
