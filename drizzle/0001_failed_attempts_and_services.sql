ALTER TABLE `event` ADD `service` text;--> statement-breakpoint
ALTER TABLE `event` ADD `failed_attempts` integer;--> statement-breakpoint
ALTER TABLE `subject` ADD `failed_attempts` integer DEFAULT 0 NOT NULL;